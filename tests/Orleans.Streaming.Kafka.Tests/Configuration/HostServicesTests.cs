using System.Reflection;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Streaming.Kafka.Internals.Clients;
using Orleans.Streams;

namespace Orleans.Streaming.Kafka.Tests.Configuration;

/// <summary>What a provider takes from the services of its host, and settings of a topic.</summary>
public sealed class HostServicesTests
{
    [Fact]
    public void The_connection_of_the_host_is_used_and_overridden_by_options()
    {
        using var host = Client(options => options.ServiceKey = "kafka");
        var options = host.Services.GetRequiredService<IOptionsMonitor<KafkaStreamOptions>>().Get("Kafka");
        Assert.Equal(("host:1", "mine"), (options.BootstrapServers, options.Client["client.rack"]));

        using var other = Client(options => (options.ServiceKey, options.BootstrapServers) = ("kafka", "other:2"));
        var config = new ConsumerConfig();
        other.Services.GetRequiredService<IOptionsMonitor<KafkaStreamOptions>>().Get("Kafka").Apply(config);
        Assert.Equal("other:2", config.BootstrapServers);
    }

    [Fact]
    public void A_key_without_a_service_is_refused_by_name()
    {
        using var host = Client(options => options.ServiceKey = "missing");

        var failure = Assert.Throws<OrleansConfigurationException>(
            () => host.Services.GetRequiredService<IOptionsMonitor<KafkaStreamOptions>>().Get("Kafka"));

        Assert.Contains("got \"missing\"", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpointer_that_would_do_nothing_is_refused()
    {
        using var host = Client(
            options => options.BootstrapServers = "localhost:1",
            services => services.AddKeyedSingleton<IStreamQueueCheckpointerFactory>("Kafka", new NoCheckpointers()));

        var failure = Assert.Throws<OrleansConfigurationException>(
            () => host.Services.GetRequiredKeyedService<IQueueAdapterFactory>("Kafka"));

        Assert.Contains("has a checkpointer, which it does not use", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_kafka_providers_have_the_methods_of_kafka()
    {
        var methods = typeof(KafkaStreamConfiguratorExtensions).GetMethods(
            BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly);

        Assert.NotEmpty(methods);
        Assert.All(methods, method =>
        {
            var configurator = method.GetParameters()[0].ParameterType;
            Type[] types = configurator.IsGenericParameter ? configurator.GetGenericParameterConstraints() : [configurator];
            Assert.Contains(types, type => type.IsAssignableTo(typeof(IKafkaStreamConfigurator)));
        });
    }

    [Fact]
    public void A_topic_may_have_a_policy_and_dead_letters_of_its_own()
    {
        var options = new KafkaStreamOptions { FailurePolicy = KafkaFailurePolicy.StopPartition, DeadLetterTopic = "all-dlq" };
        options.Topics.Add(new() { Name = "a", Namespace = "a" });
        options.Topics.Add(new() { Name = "b", Namespace = "b", FailurePolicy = KafkaFailurePolicy.DeadLetter });
        options.Topics.Add(new()
        {
            Name = "c",
            Namespace = "c",
            FailurePolicy = KafkaFailurePolicy.DeadLetter,
            DeadLetterTopic = "c-dlq",
        });

        var clients = new KafkaClients(options, "Kafka", "tests", TimeProvider.System, NullLogger.Instance);

        Assert.Equal(["all-dlq", "c-dlq"], clients.DeadLetterTopics);
        Assert.Equal(("all-dlq", "c-dlq"), (clients.DeadLetterTopicOf(options.Topics[1]), clients.DeadLetterTopicOf(options.Topics[2])));
        Assert.Equal(
            [KafkaFailurePolicy.StopPartition, KafkaFailurePolicy.DeadLetter, KafkaFailurePolicy.DeadLetter],
            options.Topics.Select(clients.FailurePolicyOf));
    }

    [Fact]
    public void A_pattern_gives_its_options_to_the_topics_that_are_not_listed_and_have_streams()
    {
        var options = new KafkaStreamOptions
        {
            DeadLetterTopic = "sales-dlq",
            Topics =
            {
                new() { Name = "sales-all" },
                new() { Name = "^sales-(?<region>.+)", Namespace = "sales.${region}", Format = "json", DeadLetterTopic = "sales-failed" },
                new() { Name = "^" },
            },
        };
        var clients = new KafkaClients(options, "Kafka", "tests", TimeProvider.System, NullLogger.Instance);

        var found = clients.OptionsOf("sales-eu");
        Assert.Equal(("sales-eu", "sales.eu", "json", true), (found?.Name, found?.Namespace, found?.Format, found?.IsMatched));
        Assert.Equal("sales-failed", clients.DeadLetterTopicOf(found));
        Assert.Equal("other", clients.OptionsOf("other")?.Namespace);
        Assert.Same(options.Topics[0], clients.OptionsOf("sales-all"));
        Assert.All(["sales-dlq", "sales-failed", "__consumer_offsets"], topic => Assert.Null(clients.OptionsOf(topic)));
    }

    [Fact]
    [Trait("Category", "System")]
    public async Task Each_client_asks_for_a_token()
    {
        var asked = 0;
        var options = new KafkaStreamOptions
        {
            BootstrapServers = "127.0.0.1:1",
            SecurityProtocol = "sasl_plaintext",
            SaslMechanism = "OAUTHBEARER",
            OAuthToken = _ =>
            {
                Interlocked.Increment(ref asked);
                return Task.FromResult(new KafkaOAuthToken("secret", DateTimeOffset.UtcNow.AddHours(1), "me"));
            },
        };
        var clients = new KafkaClients(options, "Kafka", "tests", TimeProvider.System, NullLogger.Instance);
        using var producer = clients.Producer();
        using var admin = clients.Admin();
        using var consumer = clients.Rereader();

        await Until.Async(
            () =>
            {
                consumer.Consume(TimeSpan.Zero);
                return asked >= 3;
            },
            () => $"{asked} clients have asked",
            TimeSpan.FromSeconds(20));
        Assert.DoesNotContain("secret", new KafkaOAuthToken("secret", DateTimeOffset.UtcNow).ToString(), StringComparison.Ordinal);
    }

    private static IHost Client(Action<KafkaStreamOptions> configure, Action<IServiceCollection>? add = null) => Host.CreateDefaultBuilder()
        .UseOrleansClient(client =>
        {
            client.UseLocalhostClustering();
            client.Services.AddKeyedSingleton<ClientConfig>(
                "kafka", new ClientConfig { BootstrapServers = "host:1", ClientRack = "mine" });
            add?.Invoke(client.Services);
            client.AddKafkaStreams("Kafka", configure);
        })
        .Build();

    private sealed class NoCheckpointers : IStreamQueueCheckpointerFactory
    {
        public Task<IStreamQueueCheckpointer<string>> Create(string partition) => throw new NotSupportedException();
    }
}
