using GrainSensors.Hosting.Configuration;
using Microsoft.Extensions.Configuration;

namespace GrainSensors.EndToEnd.Tests.Deployment;

/// <summary>The options of a silo in the environment of a deployment.</summary>
internal static class DeployedOptions
{
    private const string OrleansPrefix = "Orleans__";

    /// <summary>The keys of Orleans' own section that a silo reads.</summary>
    private static readonly string[] OrleansKeys = [$"{OrleansPrefix}ClusterId", $"{OrleansPrefix}ServiceId"];

    /// <summary>Fails for an unknown name and for a wrong value.</summary>
    public static PipelineOptions From(IEnumerable<KeyValuePair<string, string>> environment)
    {
        var variables = environment.ToList();
        Assert.All(variables, variable => Assert.True(
            variable.Key.StartsWith($"{PipelineOptions.Section}__", StringComparison.Ordinal) || OrleansKeys.Contains(variable.Key),
            $"{variable.Key} is no setting of a silo."));
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(variables.Select(v =>
                KeyValuePair.Create(v.Key.Replace("__", ":", StringComparison.Ordinal), (string?)v.Value)))
            .Build();
        return PipelineConfiguration.From(configuration).Options;
    }
}
