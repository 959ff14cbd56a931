using GrainSensors.Browser.Tests.Fixtures;

// One browser and one server for all tests; those that need another one bring it.
[assembly: AssemblyFixture(typeof(Chromium))]
[assembly: AssemblyFixture(typeof(ConsoleServer))]
[assembly: Trait("Category", "System")]
