// One server for all tests; it starts when the first of them asks for a database.
[assembly: AssemblyFixture(typeof(PostgresServer))]
