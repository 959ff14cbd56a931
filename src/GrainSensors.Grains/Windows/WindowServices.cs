using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Readings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GrainSensors.Grains.Windows;

public static class WindowServices
{
    /// <summary>
    /// Adds the registry in which partition loops find the active window grains of their silo. <see cref="WindowGrain"/> also
    /// needs an <see cref="Storage.Windows.IWindowStore"/> and a <see cref="MeasurementSet"/>.
    /// </summary>
    public static IServiceCollection AddWindows(this IServiceCollection services)
    {
        services.TryAddSingleton<MeasurementCatalog>();
        services.TryAddSingleton<LocalWindowGrains>();
        services.TryAddSingleton<ILocalWindowGrains>(provider => provider.GetRequiredService<LocalWindowGrains>());
        return services;
    }
}
