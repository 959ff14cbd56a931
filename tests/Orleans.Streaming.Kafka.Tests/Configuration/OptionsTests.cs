using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Streaming.Kafka.Internals;
using Orleans.Streams.Filtering;

namespace Orleans.Streaming.Kafka.Tests.Configuration;

public sealed class OptionsTests
{
    [Fact]
    public void Options_that_cannot_work_are_refused_with_the_key_and_the_remedy()
    {
        AssertRefused(options => options.BootstrapServers = "", "BootstrapServers", "use host:port");
        AssertRefused(options => options.BatchSize = 0, "BatchSize", "at least 1");
        AssertRefused(options => options.CheckpointInterval = TimeSpan.Zero, "CheckpointInterval", "a duration from");
        AssertRefused(options => options.Topics.Add(new() { Name = "a b" }), "Topics:0:Name", "letters, digits");
        AssertRefused(options => options.Topics.Add(new() { Name = "^a(" }), "Topics:0:Name", "a regular expression");
        AssertRefused(
            options => options.Topics.Add(new() { Name = "^a", ProduceOnly = true }), "Topics:0:ProduceOnly", "list the topics by name");
        AssertRefused(options => options.Topics.Add(new() { Name = "a", Partitions = 0 }), "Topics:0:Partitions", "at least 1");
        AssertRefused(options => options.Topics.Add(new() { Name = "a", Format = "avro" }), "Topics:0:Format", "AddFormat");
        AssertRefused(options => options.Topics.Add(new() { Name = "a", Retention = TimeSpan.Zero }), "Topics:0:Retention", "above 0");
        AssertRefused(options => options.SecurityProtocol = "tls", "SecurityProtocol", "sasl_ssl");
        AssertRefused(options => options.SaslMechanism = "PLAIN", "SecurityProtocol", "SaslMechanism is set");
        AssertRefused(
            options =>
            {
                options.Topics.Add(new() { Name = "a", Namespace = "x" });
                options.Topics.Add(new() { Name = "b", Namespace = "x" });
            },
            "Topics:1:Namespace", "another namespace");
        AssertRefused(
            options =>
            {
                options.Topics.Add(new() { Name = "a" });
                options.DeadLetterTopic = "a";
            },
            "DeadLetterTopic", "another topic");
    }

    [Fact]
    public void A_silo_takes_its_providers_from_the_configuration()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Orleans:Clustering:ProviderType"] = "Development",
            ["Orleans:Streaming:Orders:ProviderType"] = "Kafka",
            ["Orleans:Streaming:Orders:BootstrapServers"] = "broker:9092",
            ["Orleans:Streaming:Orders:FailurePolicy"] = "StopPartition",
            ["Orleans:Streaming:Orders:CheckpointInterval"] = "00:00:05",
            ["Orleans:Streaming:Orders:Topics:0:Name"] = "orders",
            ["Orleans:Streaming:Orders:Topics:0:Namespace"] = "orders",
            ["Orleans:Streaming:Orders:Topics:0:Format"] = "json",
            ["Orleans:Streaming:Orders:Topics:0:Retention"] = "7.00:00:00",
            ["Orleans:Streaming:Orders:Client:client.rack"] = "a",
            ["Orleans:Streaming:Orders:PullingAgent:MaxEventDeliveryTime"] = "00:00:10",
        });
        builder.UseOrleans();
        using var host = builder.Build();

        var options = host.Services.GetRequiredService<IOptionsMonitor<KafkaStreamOptions>>().Get("Orders");
        Assert.Equal("broker:9092", options.BootstrapServers);
        Assert.Equal(KafkaFailurePolicy.StopPartition, options.FailurePolicy);
        Assert.Equal(TimeSpan.FromSeconds(5), options.CheckpointInterval);
        var topic = Assert.Single(options.Topics);
        Assert.Equal(("orders", "orders", "json", TimeSpan.FromDays(7)), (topic.Name, topic.Namespace, topic.Format, topic.Retention));
        Assert.Equal("a", options.Client["client.rack"]);
        var agents = host.Services.GetRequiredService<IOptionsMonitor<StreamPullingAgentOptions>>().Get("Orders");
        Assert.Equal(TimeSpan.FromSeconds(10), agents.MaxEventDeliveryTime);
        foreach (var validator in host.Services.GetServices<IConfigurationValidator>().OfType<KafkaStreamOptionsValidator>())
        {
            validator.ValidateConfiguration();
        }
    }

    [Fact]
    public void A_filter_with_batches_is_refused_because_deliveries_would_be_unknown()
    {
        var services = new ServiceCollection()
            .AddLogging()
            .AddOptions()
            .Configure<KafkaStreamOptions>("Orders", options => options.BootstrapServers = "broker:9092")
            .Configure<StreamPullingAgentOptions>("Orders", options => options.BatchContainerBatchSize = 3)
            .AddKeyedSingleton<IStreamFilter>("Orders", new NothingLeftOut());

        var failure = Assert.Throws<OrleansConfigurationException>(
            () => KafkaAdapterFactory.CreateForSilo(services.BuildServiceProvider(), "Orders"));

        Assert.Contains("BatchContainerBatchSize", failure.Message, StringComparison.Ordinal);
        Assert.Contains("must be 1 with a stream filter; got 3", failure.Message, StringComparison.Ordinal);
    }

    private sealed class NothingLeftOut : IStreamFilter
    {
        public bool ShouldDeliver(StreamId streamId, object item, string? filterData) => true;
    }

    private static void AssertRefused(Action<KafkaStreamOptions> configure, string key, string remedy)
    {
        var options = new KafkaStreamOptions { BootstrapServers = "broker:9092" };
        configure(options);
        var validator = new KafkaStreamOptionsValidator(options, "Orders", _ => false);
        var message = Assert.Throws<OrleansConfigurationException>(validator.ValidateConfiguration).Message;
        Assert.StartsWith($"Invalid options of the Kafka stream provider \"Orders\": {key} ", message, StringComparison.Ordinal);
        Assert.Contains(remedy, message, StringComparison.Ordinal);
    }
}
