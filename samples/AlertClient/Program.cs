using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Streaming.Kafka;
using Orleans.Streams;
using Subscriber;

if (args is not [var servers, .. var rest] || (rest is not [] and not [_]))
{
    Console.Error.WriteLine("Usage: AlertClient HOST:PORT [PARTITIONS], the address of Kafka and the partitions of log-data (default: 8).");
    return 2;
}

var partitions = rest is [var number] ? int.Parse(number, CultureInfo.InvariantCulture) : 8;
var builder = Host.CreateApplicationBuilder();
builder.UseOrleansClient(client => client
    .UseLocalhostClustering()
    .AddKafkaStreams("AllAlerts", streams => streams.ConfigureKafka(kafka =>
    {
        kafka.BootstrapServers = servers;
        kafka.Topics.Add(new() { Name = "log-data", Namespace = "all-alerts", Format = "json", StreamPer = KafkaStreamUnit.Partition });
    })));
using var host = builder.Build();
await host.StartAsync();

var provider = host.Services.GetRequiredService<IClusterClient>().GetStreamProvider("AllAlerts");
foreach (var partition in Enumerable.Range(0, partitions))
{
    var stream = provider.GetStream<Alert>(StreamId.Create("all-alerts", $"{partition}"));
    await stream.SubscribeAsync((alert, token) =>
    {
        Console.WriteLine($"{alert.Level} {alert.Message}");
        return Task.CompletedTask;
    });
}

await host.WaitForShutdownAsync();
return 0;
