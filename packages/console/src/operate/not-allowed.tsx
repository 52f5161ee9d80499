/** Says that the key is not for something. */
export function NotAllowed({ operation }: { operation: string }) {
  return (
    <p class="not-allowed" data-testid={`not-allowed-${operation}`}>
      Not allowed: your key is not for <code>{operation}</code>.
    </p>
  );
}
