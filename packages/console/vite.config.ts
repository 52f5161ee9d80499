import { defineConfig } from 'vite';

// The pages go below dist/pages: the rest of dist belongs to tsc. Nothing is inlined, so that the pages work under a
// Content-Security-Policy that allows scripts and styles from their own origin only.
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: 'dist/pages',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: [
        'index.html',
        'echo.html',
        'chat.html',
        'race.html',
        'login.html',
        'overview.html',
        'channels.html',
        'connections.html',
        'inspector.html',
      ],
    },
  },
});
