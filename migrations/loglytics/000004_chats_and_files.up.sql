-- Chats about a project, and the files that were uploaded to it.
--
-- Foreign keys carry the project: no row can be hung on a chat or a file of another project, whose
-- existence row-level security hides and a plain key would tell.
--
-- Lengths are the originals'.
-- squawk-ignore-file prefer-text-field
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;

CREATE TABLE loglytics.chats (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  project_id uuid NOT NULL REFERENCES loglytics.projects (id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES loglytics.users (id) ON DELETE CASCADE,
  title varchar(255) NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz DEFAULT now(),
  UNIQUE (project_id, id)
);
COMMENT ON TABLE loglytics.chats IS 'Conversations with the assistant about a project.';
CREATE INDEX idx_chats_project_user ON loglytics.chats (project_id, user_id, created_at DESC);
CREATE INDEX ix_chats_user_id ON loglytics.chats (user_id);

CREATE TABLE loglytics.messages (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  chat_id uuid NOT NULL REFERENCES loglytics.chats (id) ON DELETE CASCADE,
  role loglytics.message_role NOT NULL,
  content text NOT NULL,
  metadata jsonb,
  created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE loglytics.messages IS 'What was said in a chat.';
CREATE INDEX idx_messages_chat_created ON loglytics.messages (chat_id, created_at DESC);

CREATE TABLE loglytics.log_files (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  chat_id uuid,
  project_id uuid NOT NULL REFERENCES loglytics.projects (id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES loglytics.users (id) ON DELETE CASCADE,
  filename varchar(255) NOT NULL CHECK (filename <> ''),
  file_size bigint CHECK (file_size >= 0),
  file_type varchar(50),
  s3_key text,
  upload_status loglytics.upload_status NOT NULL DEFAULT 'uploading',
  processing_metadata jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz DEFAULT now(),
  UNIQUE (project_id, id),
  FOREIGN KEY (project_id, chat_id) REFERENCES loglytics.chats (project_id, id)
    ON DELETE SET NULL (chat_id)
);
COMMENT ON TABLE loglytics.log_files IS 'Uploaded logs, and how far they are processed.';
CREATE INDEX idx_log_files_project_status
  ON loglytics.log_files (project_id, upload_status, created_at DESC);
CREATE INDEX idx_log_files_completed ON loglytics.log_files (created_at)
  WHERE upload_status = 'completed';
CREATE INDEX idx_log_files_user_type ON loglytics.log_files (user_id, file_type);
CREATE INDEX ix_log_files_chat_id ON loglytics.log_files (project_id, chat_id)
  WHERE chat_id IS NOT NULL;

SELECT loglytics.protect_table('loglytics.chats', ARRAY['project_id', 'user_id']);
SELECT loglytics.protect_table('loglytics.messages', ARRAY['chat_id']);
SELECT loglytics.protect_table('loglytics.log_files', ARRAY['project_id', 'user_id']);

SELECT loglytics.share_with_project('loglytics.chats', 'viewer', 'editor');
SELECT loglytics.share_with_project('loglytics.log_files', 'viewer', 'editor');
-- A message has its chat's project; the chat's own policy says whether it can be seen.
CREATE POLICY members_read ON loglytics.messages FOR SELECT TO daybreak_service, daybreak_reader
  USING (EXISTS (SELECT FROM loglytics.chats AS c WHERE c.id = chat_id));
CREATE POLICY writers_insert ON loglytics.messages FOR INSERT TO daybreak_service
  WITH CHECK (EXISTS (
    SELECT FROM loglytics.chats AS c
    WHERE c.id = chat_id AND c.project_id = ANY (ARRAY(SELECT loglytics.project_ids('editor')))));
CREATE POLICY writers_update ON loglytics.messages FOR UPDATE TO daybreak_service
  USING (EXISTS (
    SELECT FROM loglytics.chats AS c
    WHERE c.id = chat_id AND c.project_id = ANY (ARRAY(SELECT loglytics.project_ids('editor')))));
CREATE POLICY writers_delete ON loglytics.messages FOR DELETE TO daybreak_service
  USING (EXISTS (
    SELECT FROM loglytics.chats AS c
    WHERE c.id = chat_id
      AND (c.project_id = ANY (ARRAY(SELECT loglytics.project_ids('admin')))
        OR (c.user_id = (SELECT auth.uid())
          AND c.project_id = ANY (ARRAY(SELECT loglytics.project_ids('editor')))))));

-- What the dashboards read, as the owner.
CREATE POLICY owner_reads ON loglytics.log_files FOR SELECT TO daybreak_owner USING (true);
SELECT loglytics.allow_expiry('loglytics.log_files',
  'upload_status = ''completed'' AND created_at < (SELECT loglytics.retention_cutoff())');

RESET ROLE;
