using Confluent.Kafka;
using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

[assembly: AssemblyFixture(typeof(RealKafka))]

namespace GrainSensors.Tests.Shared;

/// <summary>
/// A real broker for the tests, where there is one: <c>GRAINSENSORS_TEST_KAFKA</c> names its servers, or <c>KAFKA_HOME</c>
/// an installation, of which a broker is started when the first test asks for it and stopped at the end.
/// </summary>
public sealed class RealKafka : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(1);
    private static readonly string? Servers = Given("GRAINSENSORS_TEST_KAFKA");
    private static readonly string? Home = Given("KAFKA_HOME");
    private static readonly Lazy<Task<KafkaProcess>> Started = new(() => KafkaProcess.StartAsync(Home!, UntilReadyAsync));

    /// <summary>Else the tests run on the embedded broker.</summary>
    internal static bool IsGiven => Servers is not null || Home is not null;

    /// <returns>Its bootstrap servers.</returns>
    internal static async Task<string> StartAsync() => Servers ?? (await Started.Value).BootstrapServers;

    /// <summary>A broker that is the test's own, to be killed; without an installation the test is skipped.</summary>
    /// <param name="secure">A further listener; null: none.</param>
    internal static Task<KafkaProcess> StartOwnAsync(SecureListener? secure = null)
    {
        Assert.SkipWhen(Home is null, Servers is null
            ? "Needs a real broker that may be killed: set KAFKA_HOME to an installation."
            : "The broker that GRAINSENSORS_TEST_KAFKA names is not ours to kill: set KAFKA_HOME to an installation.");
        return KafkaProcess.StartAsync(Home!, UntilReadyAsync, secure);
    }

    public async ValueTask DisposeAsync()
    {
        if (Started is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await Started.Value).DisposeAsync();
        }
    }

    private static string? Given(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;

    private static async Task UntilReadyAsync(KafkaProcess kafka)
    {
        using var admin = new KafkaClients(new() { BootstrapServers = kafka.BootstrapServers }, NullLogger<KafkaClients>.Instance).Admin();
        await Until.Async(() => kafka.HasExited || Answers(admin), () => $"no answer; {kafka.Output}", StartTimeout);
        if (kafka.HasExited)
        {
            throw new InvalidOperationException($"Kafka has exited: {kafka.Output}");
        }
    }

    private static bool Answers(IAdminClient admin)
    {
        try
        {
            return admin.GetMetadata(TimeSpan.FromSeconds(1)).Brokers.Count > 0;
        }
        catch (KafkaException)
        {
            return false;
        }
    }
}
