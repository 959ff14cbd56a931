using GrainSensors.Contracts.Windows;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GrainSensors.Grains.Windows;

public static class WindowServices
{
    /// <summary>
    /// Lets the partition loops of a silo find the window grains that are active on it. What <see cref="WindowGrain"/> itself needs
    /// is an <see cref="Storage.Windows.IWindowStore"/> and the measurements.
    /// </summary>
    public static IServiceCollection AddWindows(this IServiceCollection services)
    {
        services.TryAddSingleton<LocalWindowGrains>();
        services.TryAddSingleton<ILocalWindowGrains>(provider => provider.GetRequiredService<LocalWindowGrains>());
        return services;
    }
}
