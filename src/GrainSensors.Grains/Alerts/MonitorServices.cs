using GrainSensors.Grains.Alerts.Rules;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GrainSensors.Grains.Alerts;

public static class MonitorServices
{
    /// <summary>Adds services of <see cref="MonitorGrain"/>.</summary>
    /// <remarks>
    /// The grain also needs a grain storage with the name <see cref="MonitorGrain.Storage"/>, a reminder service, the measurements, an
    /// <see cref="Contracts.Alerts.IAlertSink"/>, and the stores of alerts,
    /// rules and sensors.
    /// </remarks>
    public static IServiceCollection AddMonitoring(this IServiceCollection services, MonitorRules rules)
    {
        services.AddSingleton(rules);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SensorDirectory>();
        services.TryAddSingleton<RuleBook>();
        services.TryAddSingleton<RuleCompiler>();
        services.TryAddSingleton<RuleDirectory>();
        return services;
    }
}
