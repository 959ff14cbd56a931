using Microsoft.Extensions.Configuration;
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

    /// <summary>Registers options that are read again, and checked again, when the configuration is reloaded.</summary>
    /// <param name="select">Takes the changed options, and returns them with the values that only change at a restart.</param>
    public static IServiceCollection AddReloaded<T>(
        this IServiceCollection services, string section, IValidateOptions<T> validator, IConfiguration source, Func<T, T> select)
        where T : class, new()
    {
        services.AddSingleton<IOptionsChangeTokenSource<T>>(new ConfigurationChangeTokenSource<T>(source));
        services.AddSingleton<IOptionsFactory<T>>(
            provider => new ReadOptions<T>(source.GetSection(section), select, provider.GetServices<IValidateOptions<T>>()));
        services.AddSingleton(validator);
        services.AddOptions<T>().ValidateOnStart();
        return services;
    }

    private sealed class ReadOptions<T>(IConfigurationSection section, Func<T, T> select, IEnumerable<IValidateOptions<T>> validators)
        : OptionsFactory<T>([], [], validators)
        where T : class, new()
    {
        protected override T CreateInstance(string name)
        {
            var failures = new List<string>();
            var options = OptionsBinder.Bind<T>(section, failures);
            return failures.Count == 0 ? select(options) : throw new OptionsValidationException(name, typeof(T), failures);
        }
    }

    private sealed class GivenOptions<T>(T options, IEnumerable<IValidateOptions<T>> validators) : OptionsFactory<T>([], [], validators)
        where T : class
    {
        protected override T CreateInstance(string name) => options;
    }
}
