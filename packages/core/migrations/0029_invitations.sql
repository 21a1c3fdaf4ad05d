-- Up Migration

-- An administrator can add any email address. `open`: the owner of the address has not agreed yet. The first sign-in of a person who
-- belongs to no other organization agrees; other people are asked once they are signed in. See docs/decisions/0021-invitations.md.
alter table users add column invitation text not null default 'open' check (invitation in ('open', 'accepted', 'refused'));

-- Earlier members have agreed if no other organization knows them or if they have signed in here. The owner of the tables sees the rows
-- of all organizations only while the policies are not forced.
alter table users no force row level security;
alter table events no force row level security;
update users u set invitation = 'accepted'
  where not exists (select from users other where other.email = u.email and other.org_id <> u.org_id)
    or exists (
      select from events e
      where e.org_id = u.org_id and e.entity_type = 'user' and e.entity_id = u.id and e.type = 'user.signed_in' and not e.reported
    );
alter table users force row level security;
alter table events force row level security;

grant update (invitation) on users to spinbay_app;
