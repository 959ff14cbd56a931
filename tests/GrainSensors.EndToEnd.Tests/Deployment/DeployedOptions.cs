using GrainSensors.Hosting.Configuration;
using Microsoft.Extensions.Configuration;

namespace GrainSensors.EndToEnd.Tests.Deployment;

/// <summary>What a silo makes of the environment that a deployment gives it.</summary>
internal sealed record DeployedOptions(PipelineOptions Pipeline, ClusterSettings Cluster)
{
    private const string OrleansPrefix = "Orleans__";

    /// <summary>The keys of Orleans' own section that a silo reads.</summary>
    private static readonly string[] OrleansKeys = [$"{OrleansPrefix}ClusterId", $"{OrleansPrefix}ServiceId"];

    /// <summary>Fails for a name that the options do not know and for a value that they do not take.</summary>
    public static DeployedOptions From(IEnumerable<KeyValuePair<string, string>> environment)
    {
        var variables = environment.ToList();
        Assert.All(variables, variable => Assert.True(
            variable.Key.StartsWith($"{PipelineOptions.Section}__", StringComparison.Ordinal) || OrleansKeys.Contains(variable.Key),
            $"{variable.Key} is no setting of a silo."));
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(variables.Select(v => KeyValuePair.Create(v.Key.Replace("__", ":", StringComparison.Ordinal), (string?)v.Value)))
            .Build();
        var options = new PipelineOptions();
        configuration.GetSection(PipelineOptions.Section).Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        return new(options, ClusterSettings.From(configuration, options));
    }
}
