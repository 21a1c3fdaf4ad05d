/** Bytes of the disk that the server keeps free for a database on it. Uploads that would use them are refused. */
export const diskReserve = 64 * 1024 * 1024;
