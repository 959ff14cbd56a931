using GrainSensors.Core.Readings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace GrainSensors.Grains.Sensors;

public static class SensorServices
{
    /// <summary>Adds services of <see cref="SensorGrain"/>.</summary>
    /// <remarks>
    /// The grain also needs the <see cref="MeasurementSet"/> and a publisher. Its options are <see cref="ReadingOptions"/> and
    /// <see cref="SimulationOptions"/>.
    /// </remarks>
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
