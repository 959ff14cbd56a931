using System.CommandLine;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Invocation;

namespace GrainSensors.Sensors;

/// <summary>The store of the registry, as the commands name it.</summary>
internal static class RegistryStore
{
    public static Option<string?> Option() => CommonOptions.Store($"Store of the registry {CommonOptions.FromConfiguration}");

    public static PipelineSettings Settings(string? store) => PipelineSettings.Load(CommonOptions.Overrides(("Store", store)));
}
