using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Notifications;
using GrainSensors.Hosting.Pipeline;
using GrainSensors.Hosting.Ports;
using GrainSensors.Hosting.Stores;
using GrainSensors.Ingest;
using GrainSensors.Ingest.Embedded;
using GrainSensors.Ingest.Status;
using GrainSensors.Storage;
using GrainSensors.Web;
using GrainSensors.Web.Api;
using GrainSensors.Web.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Tests.Shared;

/// <summary>Everything that <c>run</c> starts, in this process, without simulated sensors.</summary>
public sealed class ApiServer : IAsyncLifetime
{
    private readonly TemporaryDirectory _folder = new();
    private EmbeddedBroker? _broker;
    private IStore? _store;
    private PortReservation? _port;
    private WebApplication? _host;

    public HttpClient Http { get; } = new();

    /// <summary>Settings by key; to be changed before the start.</summary>
    internal Dictionary<string, string?> Settings { get; } = new()
    {
        ["CheckpointInterval"] = "00:00:01",
        ["Http:Port"] = "0",
        ["Http:RequestsPerSecond"] = "100000",
    };

    internal IStore Store => _store!;

    /// <summary>Address of the embedded broker.</summary>
    internal string Kafka => _broker!.BootstrapServers;

    /// <summary>For outages.</summary>
    internal EmbeddedBroker Broker => _broker!;

    /// <summary>The services of the host.</summary>
    internal IServiceProvider Services => _host!.Services;

    internal IngestStatus Status => _host!.Services.GetRequiredService<IngestService>().GetStatus();

    /// <summary>Passes through the topic of closed windows for streams that resumed.</summary>
    internal int MissedWindowPasses => _host!.Services.GetRequiredService<MissedWindows>().Passes;

    /// <summary>Waits until so many readings of requests wait for Kafka.</summary>
    internal Task UntilWaitingAsync(int readings)
    {
        var intake = _host!.Services.GetRequiredService<ReadingIntake>();
        return Until.Async(() => intake.Waiting >= readings, () => $"{intake.Waiting} wait", TimeSpan.FromSeconds(30));
    }

    public async ValueTask InitializeAsync()
    {
        Settings.TryAdd("Store", $"sqlite:{_folder.File("windows.db")}");
        var settings = PipelineSettings.Load(Settings);
        _store = await StoreFactory.OpenAsync(settings, CancellationToken.None);
        _broker = EmbeddedKafka.Start(settings);
        settings = EmbeddedKafka.Connect(settings, _broker);
        _port = PortReservation.TakeHttp(settings.Http);
        _host = PipelineWebHost.Build(settings, _store, _port, services => services.AddSensorLog().AddNotifier(), log: null);
        await _host.StartAsync();
        Http.BaseAddress = new(_host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    internal async Task<JsonElement> GetAsync(string path)
    {
        using var response = await Http.GetAsync(UriOf(path), TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {body}");
        return JsonDocument.Parse(body).RootElement;
    }

    internal async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await Http.PostAsync(UriOf(path), content, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
    }

    /// <param name="path">Relative to the root of the API.</param>
    internal static Uri UriOf(string path) => new($"/api/v1/{path}", UriKind.Relative);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_host is not null)
        {
            await _host.StopAsync();
            await _host.DisposeAsync();
        }

        _port?.Dispose();
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        _broker?.Dispose();
        _folder.Dispose();
    }
}
