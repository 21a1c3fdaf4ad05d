export type DeletionKind = 'organization' | 'session' | 'vehicle';
