"""Parts that drills, load tests, benchmarks and tests share: servers, nodes, clients, proxies."""
