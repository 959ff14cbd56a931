using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GrainSensors.Hosting.Configuration.Binding;

/// <summary>Registers options that were made before the host, since commands need them to open the store and to take ports.</summary>
internal static class OptionsRegistration
{
    /// <summary>The options are checked again when the host starts: a command may have changed them since they were read.</summary>
    public static IServiceCollection AddChecked<T>(this IServiceCollection services, T options, IValidateOptions<T> validator)
        where T : class
    {
        services.AddSingleton<IOptionsFactory<T>>(provider => new GivenOptions<T>(options, provider.GetServices<IValidateOptions<T>>()));
        services.AddSingleton(validator);
        services.AddOptions<T>().ValidateOnStart();
        return services;
    }

    private sealed class GivenOptions<T>(T options, IEnumerable<IValidateOptions<T>> validators) : OptionsFactory<T>([], [], validators)
        where T : class
    {
        protected override T CreateInstance(string name) => options;
    }
}
