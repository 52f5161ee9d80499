import { Dialog } from '../shared/dialog.tsx';
import { FileButton } from '../shared/files.tsx';
import { formatSize } from '../shared/format.ts';
import type { Inspector } from './use-inspector.ts';

const formats = {
  har: { title: 'HAR', type: 'application/json' },
  jsonl: { title: 'JSON lines', type: 'application/jsonl' },
} as const;

type Format = keyof typeof formats;

interface FilesDialogProps {
  readonly inspector: Inspector;
  readonly onClose: () => void;
}

/** Keeps what was recorded, and takes in what was kept. */
export function FilesDialog({ inspector, onClose }: FilesDialogProps) {
  const { scope } = inspector.viewing;
  return (
    <Dialog title="Files" hasClose onClose={onClose}>
      <ExportRow inspector={inspector} title="Keep all connections as" connections={undefined} name="all" />
      {scope !== undefined && (
        <ExportRow
          inspector={inspector}
          title={`Keep connection #${scope} as`}
          connections={[scope]}
          name={`${scope}`}
        />
      )}
      <div class="file-row">
        <span>Add a recording</span>
        <FileButton
          label="Choose a file"
          accept=".har,.jsonl,.json"
          disabled={false}
          onFiles={(files) => {
            onClose();
            void importFiles(inspector, files);
          }}
        />
      </div>
      <p class="hint">
        A HAR of a browser, or what was kept here. Dropping a file on the page does the same.
        {inspector.store.hello?.masks === true && ' Secrets are masked in what is kept.'}
      </p>
    </Dialog>
  );
}

interface ExportRowProps {
  readonly inspector: Inspector;
  readonly title: string;
  readonly connections: readonly number[] | undefined;
  readonly name: string;
}

function ExportRow({ inspector, title, connections, name }: ExportRowProps) {
  return (
    <div class="file-row">
      <span>{title}</span>
      <span class="buttons">
        {(['har', 'jsonl'] as const).map((format) => (
          <button
            key={format}
            type="button"
            class="small"
            data-testid={`export-${name === 'all' ? 'all' : 'one'}-${format}`}
            onClick={() => keep(inspector, format, connections)}
          >
            {formats[format].title}
          </button>
        ))}
      </span>
    </div>
  );
}

async function keep(inspector: Inspector, format: Format, connections: readonly number[] | undefined): Promise<void> {
  const answer = await inspector.order({ type: 'export', format, connections });
  if (answer?.file === undefined) return;
  const at = new Date().toISOString().slice(0, 19).replace(/[:T]/g, '-');
  const url = URL.createObjectURL(new Blob([answer.file], { type: formats[format].type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `tidewire-${at}.${format}`;
  link.click();
  // The browser has begun to read it when the click is through.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** As a message of JSON that is what an inspector takes at most, in bytes. */
const LARGEST = 128 * 1024 * 1024;

export async function importFiles(inspector: Inspector, files: readonly File[]): Promise<void> {
  for (const file of files) {
    if (file.size > LARGEST) {
      inspector.say(`${file.name} is larger than ${formatSize(LARGEST)}`, true);
      continue;
    }
    const text = await file.text().catch(() => undefined);
    if (text === undefined) inspector.say(`${file.name} could not be read`, true);
    else if ((await inspector.order({ type: 'import', text })) !== undefined) inspector.say(`${file.name} was added`);
  }
}
