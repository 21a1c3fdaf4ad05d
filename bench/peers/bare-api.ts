// The peer of the API: only Fastify and `pg` with the same statements by hand. No token, no validation, no
// row-level security (it connects as the superuser), no transaction around reads, nothing signed, no typed rows.
import Fastify from 'fastify';
import pg from 'pg';

const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: Number(process.env.DATABASE_POOL_SIZE),
});
const app = Fastify({ bodyLimit: 1024 * 1024 });

app.get<{ Querystring: { org_id: string; session_id: string } }>('/images', async (request, reply) => {
  const { org_id, session_id } = request.query;
  const version = await pool.query('select images_version, mode from sessions where org_id = $1 and id = $2', [
    org_id,
    session_id,
  ]);
  const etag = `"${version.rows[0].images_version}"`;
  void reply.header('etag', etag);
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();
  const { rows } = await pool.query(
    `select i.*, s.position, s.published_image_id, (count(*) over ())::int as total
    from images i left join slots s on s.org_id = i.org_id and s.id = i.slot_id
    where i.org_id = $1 and i.session_id = $2 and (i.slot_id is null or s.current_image_id = i.id)
    order by i.angle_deg nulls last, i.created_at, i.id limit $3 offset $4`,
    [org_id, session_id, 200, 0],
  );
  return reply
    .type('application/json')
    .send(JSON.stringify({ items: rows.map(({ total: _, ...row }) => row), total: rows[0]?.total ?? 0 }));
});

interface Presign {
  org_id: string;
  session_id: string;
  image_id: string;
  content_type: string;
  content_sha256: string;
  angle_deg: number;
}

app.post<{ Body: Presign }>('/presign', async ({ body }, reply) => {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query(
      'select site_id, vehicle_id, status, shot_list from sessions where org_id = $1 and id = $2',
      [body.org_id, body.session_id],
    );
    await client.query(
      `select u.id, u.image_id, u.state, u.storage_key, u.hash_sha256, u.content_type, i.angle_deg, i.shot_name, i.status
      from uploads u join images i on i.org_id = u.org_id and i.id = u.image_id
      where u.org_id = $1 and (u.image_id = $2 or (u.session_id = $3 and u.hash_sha256 = $4))`,
      [body.org_id, body.image_id, body.session_id, body.content_sha256],
    );
    const { site_id, vehicle_id } = rows[0];
    const key = `org/${body.org_id}/site/${site_id}/session/${body.session_id}/${body.image_id}.jpg`;
    await client.query(
      `insert into images (org_id, id, site_id, session_id, vehicle_id, angle_deg, shot_name, status, storage_key,
        hash_sha256, captured_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing returning id`,
      [
        body.org_id,
        body.image_id,
        site_id,
        body.session_id,
        vehicle_id,
        body.angle_deg,
        null,
        'pending',
        key,
        body.content_sha256,
        null,
      ],
    );
    await client.query(
      `insert into uploads (org_id, id, image_id, session_id, site_id, kind, storage_key, content_type, hash_sha256, expires_at)
      values ($1, $2, $2, $3, $4, 'original', $5, $6, $7, $8)`,
      [
        body.org_id,
        body.image_id,
        body.session_id,
        site_id,
        key,
        body.content_type,
        body.content_sha256,
        new Date(Date.now() + 900_000),
      ],
    );
    await client.query('commit');
    return reply.type('application/json').send(JSON.stringify({ image_id: body.image_id, storage_key: key }));
  } finally {
    client.release();
  }
});

interface Events {
  org_id: string;
  actor_id: string;
  events: { id: string; entity_type: string; entity_id: string; type: string; meta: unknown; occurred_at: string }[];
}

app.post<{ Body: Events }>('/events', async ({ body }, reply) => {
  const values = body.events.flatMap((event) => [
    body.org_id,
    event.id,
    event.entity_type,
    event.entity_id,
    event.type,
    null,
    JSON.stringify(event.meta),
    'device',
    body.actor_id,
    true,
    event.occurred_at,
  ]);
  const places = body.events.map((_, row) => `(${Array.from({ length: 11 }, (_, k) => `$${row * 11 + k + 1}`)})`);
  const { rowCount } = await pool.query(
    `insert into events (org_id, id, entity_type, entity_id, type, message, meta, actor_type, actor_id, reported, occurred_at)
    values ${places} on conflict do nothing returning id`,
    values,
  );
  return reply
    .code(201)
    .type('application/json')
    .send(JSON.stringify({ accepted: rowCount }));
});

process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
process.send?.({ ready: true });
