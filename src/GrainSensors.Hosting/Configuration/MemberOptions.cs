namespace GrainSensors.Hosting.Configuration;

/// <summary>The section <c>GrainSensors:Silo</c>: where the other members of the cluster find this one.</summary>
internal sealed class MemberOptions
{
    public const int DefaultSiloPort = 11111;
    public const int DefaultGatewayPort = 30000;

    /// <summary>For the other silos; 0: any free one.</summary>
    public int SiloPort { get; set; } = DefaultSiloPort;

    /// <summary>For clients of the cluster, such as <c>grainsensors status</c>; 0: any free one.</summary>
    public int GatewayPort { get; set; } = DefaultGatewayPort;

    /// <summary>
    /// An address of this machine, or a name that resolves to one, that all members and clients can reach. Nobody has to
    /// prove who he is on these ports, so they are open to this machine only unless told otherwise.
    /// </summary>
    public string AdvertisedAddress { get; set; } = "127.0.0.1";

    /// <summary>Silos ask each other whether they live this often; one that misses three in a row is declared dead.</summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(2);
}
