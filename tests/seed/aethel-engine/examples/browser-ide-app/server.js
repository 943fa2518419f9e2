const http = require('http');

http.createServer((request, response) => response.end('ide')).listen(process.env.PORT || 3000);
