namespace GrainSensors.Browser.Tests.Fixtures;

/// <summary>A silo that requires a key, for a proxy that serves it below a prefix.</summary>
public sealed class PrefixedConsoleServer() : LockedConsoleServer
{
    public const string Prefix = "/plant/grainsensors";

    protected override Dictionary<string, string?> Overrides => new(base.Overrides) { ["Http:PathBase"] = Prefix };
}
