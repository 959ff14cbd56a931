using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using GrainSensors.Contacts.Delivery;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Contacts.Tests.Delivery;

/// <summary>The metrics of contact points.</summary>
public sealed class ContactMetricsTests
{
    [Fact]
    public void The_documented_metrics_are_those_that_there_are()
    {
        var meter = $"{Guid.NewGuid()}";
        var measured = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == meter)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, labels, _) =>
        {
            Assert.Equal([new("contact", "ops")], labels.ToArray());
            measured.Add($"{instrument.Name.Replace('.', '_')}_total");
        });
        listener.Start();
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = new ContactMetrics(services.GetRequiredService<IMeterFactory>(), meter);

        metrics.Sent("ops");
        metrics.Failed("ops", isDead: true);

        var rows = Regex.Matches(RepositoryFiles.Read("docs/alerts.md"), @"(?m)^\| `(grainsensors_\w+)`");
        Assert.Equal(rows.Select(row => row.Groups[1].Value).Order(), measured.Order());
    }
}
