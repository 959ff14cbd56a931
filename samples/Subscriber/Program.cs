using Microsoft.Extensions.Hosting;
using Orleans.Streaming.Kafka;
using Subscriber;

if (args is not [var servers])
{
    Console.Error.WriteLine("Usage: Subscriber HOST:PORT, the address of Kafka.");
    return 2;
}

var builder = Host.CreateApplicationBuilder();
builder.UseOrleans(silo => silo
    .UseLocalhostClustering()
    .AddMemoryGrainStorage("PubSubStore")
    .AddKafkaStreams("Sensors", streams => streams.ConfigureKafka(kafka =>
    {
        kafka.BootstrapServers = servers;
        kafka.Topics.Add(new() { Name = "log-data", Namespace = AlertGrain.Namespace, Format = "json" });
        kafka.Topics.Add(new() { Name = "sensor-windows", Namespace = WindowGrain.Namespace, Format = "json" });
    }))
    .AddKafkaStreams("AllAlerts", streams => streams.ConfigureKafka(kafka =>
    {
        kafka.BootstrapServers = servers;
        kafka.Topics.Add(new() { Name = "log-data", Namespace = "all-alerts", Format = "json", StreamPer = KafkaStreamUnit.Partition });
    })));
await builder.Build().RunAsync();
return 0;
