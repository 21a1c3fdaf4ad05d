-- Up Migration

-- An upload that was announced without a length starts to count against a quota when it is presigned again.
grant update (content_length) on uploads to spinbay_app;
