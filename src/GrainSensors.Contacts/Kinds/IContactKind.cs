using GrainSensors.Contacts.Messages;

namespace GrainSensors.Contacts.Kinds;

/// <summary>A kind of contact points, such as e-mail.</summary>
public interface IContactKind
{
    string Name { get; }

    IReadOnlyList<ContactField> Fields { get; }

    /// <summary>Messages a minute, unless the contact point says otherwise; below the limit of the service.</summary>
    int RatePerMinute { get; }

    /// <summary>Whether the service keeps alerts open until they clear; a test clears its own.</summary>
    bool KeepsAlerts { get; }

    /// <exception cref="DeliveryException">The receiver has not confirmed the notification; it may have it.</exception>
    Task SendAsync(ContactValues values, Notification notification, CancellationToken cancellationToken);
}

/// <summary>A setting or a secret of a kind of contact points.</summary>
/// <param name="Expected">What a value is, for messages: <c>an address such as …</c>.</param>
public sealed record ContactField(string Name, string Expected)
{
    public bool IsSecret { get; init; }

    /// <summary>May be among the settings or among the secrets.</summary>
    public bool MayBeSecret { get; init; }

    public bool IsRequired { get; init; }

    public Func<string, bool> IsValid { get; init; } = value => value.Length > 0;

    /// <summary>An address by HTTP or HTTPS, without a user.</summary>
    public static ContactField Url(string name, string example) => new(name, $"an address such as {example}")
    {
        IsValid = value => Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            && url.UserInfo.Length == 0,
    };

    public static ContactField Secret(string name, string expected) => new(name, expected) { IsSecret = true, IsRequired = true };

    public static ContactField Authorization { get; } = new("authorization", "the value of the header Authorization")
    {
        IsSecret = true,
        IsValid = value => value.Length > 0 && value.AsSpan().IndexOfAny('\r', '\n', '\0') < 0,
    };

    public static ContactField OneOf(string name, params string[] words) =>
        new(name, $"one of {string.Join(", ", words)}") { IsValid = value => words.Contains(value) };

    public static ContactField Number(string name, int min, int max) => new(name, $"an integer from {min} to {max}")
    {
        IsValid = value => int.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out var number)
            && number >= min && number <= max,
    };
}
