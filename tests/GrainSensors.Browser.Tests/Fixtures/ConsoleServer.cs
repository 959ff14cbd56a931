using System.Globalization;
using System.Net.Http.Json;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Pipeline;
using GrainSensors.Hosting.Ports;
using GrainSensors.Hosting.Stores;
using GrainSensors.Ingest;
using GrainSensors.Ingest.Embedded;
using GrainSensors.Storage;
using GrainSensors.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Browser.Tests.Fixtures;

/// <summary>Everything that <c>run</c> starts, in the process of the tests and on a free port.</summary>
public class ConsoleServer : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("grainsensors-test-").FullName;
    private readonly int _sensors;
    private EmbeddedBroker? _broker;
    private IStore? _store;
    private PortReservation? _port;
    private WebApplication? _host;

    public ConsoleServer()
        : this(20)
    {
    }

    /// <param name="sensors">Number of simulated sensors; each reports once a second.</param>
    protected ConsoleServer(int sensors) => _sensors = sensors;

    /// <summary>Settings that differ from those of the other tests.</summary>
    protected virtual Dictionary<string, string?> Overrides => [];

    public string Address { get; private set; } = "";

    public HttpClient Http { get; } = new();

    internal IStore Store => _store!;

    /// <summary>For outages.</summary>
    internal EmbeddedBroker Broker => _broker!;

    internal T Services<T>()
        where T : notnull => _host!.Services.GetRequiredService<T>();

    public async ValueTask InitializeAsync()
    {
        var settings = PipelineSettings.Load(new Dictionary<string, string?>(Overrides)
        {
            ["Store"] = $"sqlite:{Path.Combine(_folder, "windows.db")}",
            ["Period"] = "PT5S",
            ["Grace"] = "00:00:01",
            ["CheckpointInterval"] = "00:00:01",
            ["Http:Port"] = "0",
            ["Http:RequestsPerSecond"] = "100000",
        });
        _store = await StoreFactory.OpenAsync(settings, CancellationToken.None);
        _broker = EmbeddedKafka.Start(settings);
        settings = EmbeddedKafka.Connect(settings, _broker);
        _port = PortReservation.TakeHttp(settings.Http);
        _host = PipelineWebHost.Build(
            settings,
            _store,
            _port,
            services => services.AddHostedService(s => ActivatorUtilities.CreateInstance<SimulationService>(s, _sensors)),
            log: null);
        await _host.StartAsync();
        Address = _host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Http.BaseAddress = new(Address);
    }

    /// <summary>Sends a reading with the present time over HTTP.</summary>
    /// <param name="temperature">Null: the probe is disconnected.</param>
    public async Task ReportAsync(int sensorId, double? temperature)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0;
        using var response = await Http.PostAsJsonAsync("/api/v1/readings", new { sensor_id = sensorId, timestamp = now, temperature });
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_host is not null)
        {
            try
            {
                await _host.StopAsync();
            }
            catch (OperationCanceledException)
            {
                // The silo was not drained in time. No test depends on its last readings.
            }

            await _host.DisposeAsync();
        }

        _port?.Dispose();
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        _broker?.Dispose();
        Http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    public override string ToString()
    {
        var ingest = _host?.Services.GetRequiredService<IngestService>();
        return string.Create(CultureInfo.InvariantCulture, $"{Address}, {ingest?.GetStatus().Totals.Readings} readings");
    }
}
