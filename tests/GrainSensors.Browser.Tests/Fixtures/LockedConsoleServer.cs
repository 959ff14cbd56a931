using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Browser.Tests.Fixtures;

/// <summary>A silo that requires a key.</summary>
public class LockedConsoleServer() : ConsoleServer(3)
{
    public static string Key { get; } = AccessKey.Generate();

    protected override Dictionary<string, string?> Overrides => new()
    {
        ["Http:Keys:0:Name"] = "bob",
        ["Http:Keys:0:Role"] = "admin",
        ["Http:Keys:0:Hash"] = AccessKey.HashText(Key),
    };
}
