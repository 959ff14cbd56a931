using GrainSensors.Hosting.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Hosting.Cluster;

/// <summary>Reads the certificate files of the cluster again, so that a renewed certificate needs no restart.</summary>
/// <remarks>A watch of the file system would miss changes of files that a container mounts, and the files are small.</remarks>
internal sealed partial class ClusterTlsRefresh(ClusterTls tls, TimeProvider clock, ILogger<ClusterTlsRefresh> logger) : BackgroundService
{
    /// <summary>New connections use changed files within this time.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private string? _refusal;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Refresh();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    private void Refresh()
    {
        try
        {
            if (tls.Refresh())
            {
                LogChange(logger, tls.Certificate.Subject, tls.Certificate.NotAfter.ToUniversalTime());
            }

            _refusal = null;
        }
        catch (UsageException e)
        {
            if (_refusal != e.Message)
            {
                LogRefusal(logger, e.Message);
            }

            _refusal = e.Message;
        }
    }

    [LoggerMessage(4111, LogLevel.Information, "New connections between silos use the certificate {Subject}, valid until {End:u}")]
    private static partial void LogChange(ILogger logger, string subject, DateTime end);

    [LoggerMessage(4112, LogLevel.Error, "The certificate files of the cluster are refused, and the earlier ones stay in use: {Reason}")]
    private static partial void LogRefusal(ILogger logger, string reason);
}
