/** How much there is to read. */
export function Unread({ count }: { count: number }) {
  return (
    <span class="unread" data-testid="unread">
      {count > 99 ? '99+' : count}
      <span class="visually-hidden"> unread</span>
    </span>
  );
}
