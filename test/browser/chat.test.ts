import type { Browser, Locator, Page } from 'playwright-core';
import { type Service, type ServiceOptions, startService } from 'tidewire';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { chromiumPath, launch } from './support.ts';

const WAIT = { timeout: 20_000 };

/** Each test has several people, each with a window. */
const LONG = { timeout: 90_000 };
const eventually = <T>(read: () => Promise<T>, wanted: T) => expect.poll(read, WAIT).toEqual(wanted);

/** Somebody with a window on the chat. */
interface Member {
  readonly page: Page;
  readonly complaints: readonly string[];
  id(name: string): Locator;
  says(text: string): Promise<void>;
  hears(text: string): Promise<void>;
  /** A notice. */
  reads(text: string): Promise<void>;
  /** What was said, in its order. */
  said(): Promise<readonly string[]>;
  members(): Promise<readonly string[]>;
  unread(room: string): Promise<string>;
}

describe.skipIf(chromiumPath === '')('the chat page', LONG, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch();
  });

  afterAll(() => browser?.close());

  async function start(options: ServiceOptions = {}): Promise<Service> {
    const service = await startService({ port: 0, ...options });
    onTestFinished(() => service.stop());
    return service;
  }

  async function enter(service: Service, name: string, hash = ''): Promise<Member> {
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`${service.urls.pages}chat${hash}`);
    const id = (test: string) => page.getByTestId(test);
    await id('name').fill(name);
    await id('join').click();
    await eventually(() => id('state').textContent(), 'OPEN');
    await eventually(() => id('members').getByText('you', { exact: true }).count(), 1);
    return {
      page,
      complaints,
      id,
      async says(text) {
        await id('message').fill(text);
        await id('send').click();
      },
      reads: (text) => id('notice').filter({ hasText: text }).first().waitFor(WAIT),
      hears: (text) => id('messages').getByText(text, { exact: true }).first().waitFor(WAIT),
      said: () => page.locator('.bubble p').allTextContents(),
      members: () => page.locator('[data-testid=members] .who').allTextContents(),
      unread: async (room) => (await id(`room-${room}`).getByTestId('unread').allTextContents()).join(''),
    };
  }

  it('lets people talk, and see who is there and who types', async () => {
    const service = await start();
    const ann = await enter(service, 'Ann');
    const ben = await enter(service, 'Ben');
    await eventually(ann.members, ['Ann', 'Ben']);
    await ann.reads('Ben came in');

    await ben.id('message').pressSequentially('Ahoy');
    await eventually(() => ann.id('typing').textContent(), 'Ben is typing…');
    expect(await ben.id('typing').textContent()).toBe('');
    // Who types no more has gone to look for something, or has said it.
    await eventually(() => ann.id('typing').textContent(), '');
    await ben.id('message').pressSequentially(' <i>Ann</i>');
    await eventually(() => ann.id('typing').textContent(), 'Ben is typing…');
    await ben.id('send').click();
    await ann.hears('Ahoy <i>Ann</i>');
    await eventually(() => ann.id('typing').textContent(), '');
    expect(await ann.id('message-other').textContent()).toContain('Ben');
    await eventually(() => ben.id('message-own').count(), 1);

    await ben.id('rename').click();
    await ben.id('members').page().getByLabel('New name').fill('Benjamin');
    await ben.id('rename-submit').click();
    await eventually(ann.members, ['Ann', 'Benjamin']);
    await ann.reads('Ben is now Benjamin');
    await ann.says('Long name');
    await ben.hears('Long name');
    expect(await ben.said()).toEqual(['Ahoy <i>Ann</i>', 'Long name']);
    expect(await ben.id('message-own').count()).toBe(1);

    await ben.id('close').click();
    await eventually(ann.members, ['Ann']);
    await ann.reads('Benjamin left');
    await ben.id('join').click();
    await eventually(ann.members, ['Ann', 'Benjamin']);
    expect([...ann.complaints, ...ben.complaints]).toEqual([]);
  });

  it('shows what was said before to who comes later, and after a reload, once', async () => {
    const service = await start();
    const ann = await enter(service, 'Ann');
    const texts = Array.from({ length: 60 }, (_, index) => `message ${index}`);
    // As fast as the service takes it from one person.
    for (const text of texts) {
      await ann.says(text);
      await ann.page.waitForTimeout(60);
    }
    await ann.hears('message 59');
    const ben = await enter(service, 'Ben');
    await eventually(ben.said, texts);
    await ann.page.reload();
    // It was in, so it comes in by itself.
    await eventually(ann.said, texts);
    expect(await ann.id('message-own').count()).toBe(60);
    await ben.says('Still here?');
    await ann.hears('Still here?');
    expect(await ann.said()).toEqual([...texts, 'Still here?']);
    await eventually(ann.members, ['Ben', 'Ann']);
    // The reload was too short to be told.
    expect(await ben.id('notice').allTextContents()).toEqual([]);
  });

  it('is in several rooms at once, and counts what there is to read', async () => {
    const service = await start();
    const ann = await enter(service, 'Ann');
    const ben = await enter(service, 'Ben', '#Harbour');
    expect(await ben.id('room').textContent()).toBe('#harbour');
    await ben.says('to those at the harbour');
    await ben.id('room-help').click();
    await ben.says('Help!');
    await ben.says('Help me!');
    await eventually(() => ann.unread('help'), '2 unread');
    await eventually(() => ann.page.title(), '(2) Chat · Tidewire');
    await ann.id('room-help').click();
    await ann.hears('Help me!');
    await eventually(() => ann.unread('help'), '');
    await eventually(() => ann.page.title(), 'Chat · Tidewire');
    expect(new URL(ann.page.url()).hash).toBe('#help');

    await ann.id('open-room').fill('not a room!');
    await ann.id('open-room-submit').click();
    await eventually(() => ann.id('room-problem').textContent(), expect.stringContaining('letters, digits'));
    await ann.id('open-room').fill('harbour');
    await ann.id('open-room-submit').click();
    await ann.hears('to those at the harbour');
    await ann.page.reload();
    await ann.hears('to those at the harbour');
    await ann.page.getByRole('button', { name: 'Leave the room harbour' }).click();
    expect(await ann.id('room').textContent()).toBe('#lobby');
    expect(await ann.id('room-harbour').count()).toBe(0);
    expect(ann.complaints).toEqual([]);
  });

  it('shows photos, made smaller where they are too large, also to who comes later', async () => {
    const service = await start({ maxImage: 100_000 });
    const ann = await enter(service, 'Ann');
    const ben = await enter(service, 'Ben');
    // What cannot be compressed without loss: noise.
    const large = await ann.page.evaluate(async () => {
      const canvas = document.createElement('canvas');
      canvas.width = 900;
      canvas.height = 600;
      const context = canvas.getContext('2d');
      const noise = new ImageData(900, 600);
      for (let start = 0; start < noise.data.length; start += 65_536)
        crypto.getRandomValues(noise.data.subarray(start, start + 65_536));
      context?.putImageData(noise, 0, 0);
      return canvas.toDataURL('image/png').replace(/^[^,]*,/, '');
    });
    const buffer = Buffer.from(large, 'base64');
    expect(buffer.length).toBeGreaterThan(1_000_000);
    await ann.id('file').setInputFiles({ name: 'noise.png', mimeType: 'image/png', buffer });
    const shown = (member: Member) => member.id('message-other').locator('img');
    await eventually(() => shown(ben).count(), 1);
    const shape = () => shown(ben).evaluate((image: HTMLImageElement) => image.naturalWidth / image.naturalHeight);
    await expect.poll(shape, WAIT).toBeCloseTo(1.5, 1);
    expect(await shown(ben).getAttribute('src')).toMatch(/^blob:/);

    await ann.id('file').setInputFiles({ name: 'a.svg', mimeType: 'image/png', buffer: Buffer.from('<svg/>') });
    await ann.reads('a.svg is not a PNG, JPEG, GIF, WebP or AVIF image');

    const cy = await enter(service, 'Cy');
    await eventually(() => shown(cy).count(), 1);
    expect([...ann.complaints, ...ben.complaints, ...cy.complaints]).toEqual([]);
  });

  it('says what the service does not take', async () => {
    const service = await start({ rate: 1 });
    const ann = await enter(service, 'Ann');
    for (const text of ['one', 'two', 'three', 'four', 'five', 'six']) await ann.says(text);
    await ann.reads('Not so fast: this was not sent');
  });

  it('comes back when the service was started anew, and says that something may be missing', async () => {
    const first = await startService({ port: 0 });
    const ann = await enter(first, 'Ann');
    await ann.says('before');
    await ann.hears('before');
    await first.stop();
    await eventually(() => ann.id('state').textContent(), 'CONNECTING');
    await ann.id('retrying').waitFor(WAIT);
    expect(await ann.id('send').isDisabled()).toBe(true);
    const second = await start({ port: first.port });
    await ann.id('retry').click();
    await eventually(() => ann.id('state').textContent(), 'OPEN');
    await ann.reads('Something that was said while you were away may be missing');
    await ann.says('after');
    await ann.hears('after');
    expect(await ann.said()).toEqual(['before', 'after']);
    const ben = await enter(second, 'Ben');
    await eventually(ben.said, ['after']);
    expect(ann.complaints).toEqual([]);
  });

  it('misses nothing when the connection was cut', async () => {
    const service = await start();
    const ann = await enter(service, 'Ann');
    const ben = await enter(service, 'Ben');
    await ann.says('one');
    await ben.hears('one');
    await ben.page.context().setOffline(true);
    await eventually(() => ben.id('state').textContent(), 'CONNECTING');
    await ann.says('two');
    await ann.hears('two');
    await ben.page.context().setOffline(false);
    await ben.hears('two');
    await ann.says('three');
    await ben.hears('three');
    expect(await ben.said()).toEqual(['one', 'two', 'three']);
    expect(await ben.id('notice').getByText('may be missing').count()).toBe(0);
  });
});
