import { ConnectionError, UploadRefused, uploadFrame } from '@spinbay/client';

interface Put {
  readonly upload_url: string;
  readonly headers: Record<string, string>;
}

/** Uploads a blob to its signed URL, with XMLHttpRequest where available: `fetch` does not report upload progress. */
export function upload(
  put: Put,
  blob: Blob,
  onProgress: (sentBytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  if (typeof XMLHttpRequest === 'undefined') return uploadFrame(put, blob, { signal });
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    const end = (settle: () => void) => {
      signal.removeEventListener('abort', stop);
      settle();
    };
    request.open('PUT', put.upload_url);
    for (const [name, value] of Object.entries(put.headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => onProgress(loaded);
    request.onload = () => end(() => settle(request, resolve, reject));
    request.onerror = () => end(() => reject(new ConnectionError('The object store does not answer.')));
    request.onabort = () => end(() => reject(new DOMException('The upload was aborted.', 'AbortError')));
    if (signal.aborted) return reject(new DOMException('The upload was aborted.', 'AbortError'));
    signal.addEventListener('abort', stop);
    // The blob's own type would override the signed content type.
    request.send(blob.type === '' ? blob : blob.slice(0, blob.size, ''));
  });
}

function settle(request: XMLHttpRequest, resolve: () => void, reject: (error: Error) => void): void {
  const { status, responseText } = request;
  if (status < 200 || status >= 300) reject(new UploadRefused(status, responseText.slice(0, 4000)));
  // S3 answers a PUT with an empty body. A page from a proxy or captive portal does not count as success.
  else if (responseText !== '')
    reject(new ConnectionError('The answer to the upload did not come from the object store.'));
  else resolve();
}
