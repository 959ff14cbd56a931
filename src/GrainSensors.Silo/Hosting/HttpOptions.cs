namespace GrainSensors.Silo.Hosting;

/// <summary>The section <c>GrainSensors:Http</c>: where console, API, dashboard and health are served.</summary>
internal sealed class HttpOptions
{
    public const int DefaultPort = 8080;

    /// <summary>An address to listen on; <c>0.0.0.0</c>: all of this machine.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>0: any free one; null: <see cref="DefaultPort"/>, in place of which <c>run</c> takes another one when it is in use.</summary>
    public int? Port { get; set; }

    /// <summary>Whether others than this machine may see more than the health of the silo. There is no log-in.</summary>
    public bool Insecure { get; set; }
}
