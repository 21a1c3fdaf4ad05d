import './zod-without-eval.ts';
import '@mantine/core/styles.css';
import '../ui/global.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { ConfigErrorPage } from './config-error-page.tsx';
import { loadConfig } from './load-config.ts';

const container = document.getElementById('root');
if (!container) throw new Error('index.html has no #root');
const root = createRoot(container);

try {
  const config = await loadConfig();
  root.render(
    <StrictMode>
      <App config={config} />
    </StrictMode>,
  );
} catch (error) {
  root.render(<ConfigErrorPage reason={error instanceof Error ? error.message : String(error)} />);
}
