using GrainSensors.Browser.Tests.Fixtures;

// All tests share one browser and one server. Some have a class fixture with a server of their own.
[assembly: AssemblyFixture(typeof(Chromium))]
[assembly: AssemblyFixture(typeof(ConsoleServer))]
[assembly: ClosesPages]
[assembly: Trait("Category", "System")]
