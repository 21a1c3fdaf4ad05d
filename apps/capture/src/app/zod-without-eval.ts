import { z } from 'zod';

// Imported before any schema is made: zod would otherwise try to compile code at run time, which the content security
// policy forbids and the browser reports as a violation.
z.config({ jitless: true });
