// Some package managers leave the generated client where the library does not look.
const fs = require('fs');
const path = require('path');

const generated = path.join('node_modules', '.prisma');
const link = path.join('node_modules', '@prisma', 'client', '.prisma');
if (fs.existsSync(generated) && !fs.existsSync(link)) fs.cpSync(generated, link, {recursive: true});
