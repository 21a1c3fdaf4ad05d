import './zod-without-eval.ts';
import '@mantine/core/styles.css';
import '../ui/global.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { ConfigErrorPage } from './config-error-page.tsx';
import { loadConfig } from './load-config.ts';
import { openStorages } from './open-storages.ts';
import { StorageBlockedPage } from './storage-blocked-page.tsx';

const container = document.getElementById('root');
if (!container) throw new Error('index.html has no #root');
const root = createRoot(container);

try {
  const config = await loadConfig();
  const storages = openStorages(window);
  root.render(
    <StrictMode>{storages ? <App config={config} storages={storages} /> : <StorageBlockedPage />}</StrictMode>,
  );
} catch (error) {
  root.render(<ConfigErrorPage reason={error instanceof Error ? error.message : String(error)} />);
}
