namespace GrainSensors.Hosting.Configuration;

/// <summary>The section <c>GrainSensors:Http</c>: where pages and API are served, and to whom.</summary>
internal sealed class HttpOptions
{
    public const int DefaultPort = 8080;

    /// <summary>An address to listen on; <c>0.0.0.0</c>: all of this machine.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>0: any free one; null: <see cref="DefaultPort"/>, in place of which <c>run</c> takes another one when it is in use.</summary>
    public int? Port { get; set; }

    /// <summary>Whether everybody who comes may see and do everything, without a key.</summary>
    public bool Insecure { get; set; }

    /// <summary>Who may come; empty: everybody, and only this machine can.</summary>
    public List<KeyOptions> Keys { get; } = [];

    /// <summary>Whether the silo has Orleans' dashboard.</summary>
    public bool Dashboard { get; set; } = true;

    /// <summary>That a client may send.</summary>
    public int RequestsPerSecond { get; set; } = 200;

    /// <summary>Of a request's body.</summary>
    public long MaxRequestBytes { get; set; } = 4 * 1024 * 1024;
}

/// <summary>A key, as <c>grainsensors key</c> makes it.</summary>
internal sealed class KeyOptions
{
    /// <summary>Whose it is.</summary>
    public string Name { get; set; } = "";

    /// <summary><c>sha256:</c> and 64 hexadecimal digits.</summary>
    public string Hash { get; set; } = "";

    /// <summary><c>read</c> or <c>admin</c>.</summary>
    public string Role { get; set; } = "read";
}
