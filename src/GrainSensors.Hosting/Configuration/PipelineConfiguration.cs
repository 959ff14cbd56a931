using GrainSensors.Hosting.Configuration.Binding;
using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace GrainSensors.Hosting.Configuration;

/// <summary>The valid options of a process.</summary>
/// <param name="Options">The section <c>GrainSensors</c>.</param>
/// <param name="Cluster">The section <c>Orleans</c>.</param>
/// <param name="Source">The configuration, which access keys are read from again while a silo runs.</param>
internal sealed record PipelineConfiguration(PipelineOptions Options, ClusterIdentityOptions Cluster, IConfigurationRoot Source)
{
    /// <summary>Reads appsettings.json, environment variables and the command line, in this order.</summary>
    /// <param name="overrides">Values of the command line, by the names of <see cref="PipelineOptions"/>; null: not given.</param>
    /// <exception cref="UsageException">The message names every unknown key and every wrong value.</exception>
    public static PipelineConfiguration Load(IReadOnlyDictionary<string, string?> overrides)
    {
        try
        {
            return From(Read(overrides));
        }
        catch (Exception e) when (e is InvalidDataException or FormatException)
        {
            throw new UsageException($"{e.Message} {e.InnerException?.Message}".ReplaceLineEndings(" ").TrimEnd(), e);
        }
    }

    /// <inheritdoc cref="Load"/>
    public static PipelineConfiguration From(IConfigurationRoot configuration)
    {
        var failures = new List<string>();
        var options = OptionsBinder.Bind<PipelineOptions>(configuration.GetSection(PipelineOptions.Section), failures);
        var cluster = OptionsBinder.Bind<ClusterIdentityOptions>(
            configuration.GetSection(ClusterIdentityOptions.Section), failures, isShared: true);
        if (failures.Count == 0)
        {
            failures.AddRange(Failures(new PipelineOptionsValidator(), options));
            failures.AddRange(Failures(new KafkaOptionsValidator(), options.Kafka));
            failures.AddRange(Failures(new MemberTlsOptionsValidator(), options.Silo.Tls));
            failures.AddRange(Failures(new HttpOptionsValidator(), options.Http));
            failures.AddRange(Failures(new OidcOptionsValidator(), options.Http.Oidc));
            failures.AddRange(Failures(new OptionsValidator<ClusterIdentityOptions>(ClusterIdentityOptions.Section), cluster));
        }

        return failures.Count == 0 ? new(options, cluster, configuration) : throw new UsageException(string.Join(' ', failures.Distinct()));
    }

    /// <inheritdoc cref="Load"/>
    public static IConfigurationRoot Read(IReadOnlyDictionary<string, string?> overrides) => new ConfigurationBuilder()
        .SetBasePath(Directory.GetCurrentDirectory())
        .AddJsonFile("appsettings.json", optional: true)
        .AddEnvironmentVariables()
        .AddInMemoryCollection(overrides.Where(o => o.Value is not null)
            .Select(o => KeyValuePair.Create($"{PipelineOptions.Section}:{o.Key}", o.Value)))
        .Build();

    private static IEnumerable<string> Failures<T>(IValidateOptions<T> validator, T options)
        where T : class => validator.Validate(name: null, options).Failures ?? [];
}
