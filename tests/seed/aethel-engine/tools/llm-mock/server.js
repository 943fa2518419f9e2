const http = require('http');

http.createServer((request, response) => {
  response.writeHead(request.url === '/health' ? 200 : 404);
  response.end();
}).listen(process.env.PORT || 8010);
