using GrainSensors.Core.Readings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace GrainSensors.Grains.Sensors;

public static class SensorServices
{
    /// <summary>
    /// Adds what <see cref="SensorGrain"/> needs, apart from the <see cref="MeasurementSet"/> and the publisher.
    /// Options: <see cref="ReadingOptions"/>, <see cref="SimulationOptions"/>.
    /// </summary>
    public static IServiceCollection AddSensors(this IServiceCollection services)
    {
        services.AddOptions();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new AcceptedTimes(provider.GetRequiredService<IOptions<ReadingOptions>>().Value));
        services.TryAddSingleton<ReadingWriter>();
        services.TryAddSingleton<PublishOutage>();
        return services;
    }
}
