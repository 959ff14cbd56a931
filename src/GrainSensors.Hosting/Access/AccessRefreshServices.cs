using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Configuration.Binding;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Hosting.Access;

/// <summary>Registers the service that reads access keys again, and the options that it reads.</summary>
internal static class AccessRefreshServices
{
    /// <param name="options">The options at the start; only their keys change later.</param>
    public static IServiceCollection AddAccessRefresh(
        this IServiceCollection services, HttpOptions options, IConfigurationRoot source) => services
        .AddReloaded(HttpOptions.Section, new HttpOptionsValidator(), source, read => options with { Keys = read.Keys })
        .AddHostedService(provider => ActivatorUtilities.CreateInstance<AccessRefresh>(provider, source));
}
