using System.Net.Sockets;
using System.Security.Authentication;
using GrainSensors.Mqtt.Configuration;
using MQTTnet;

namespace GrainSensors.Mqtt.Connections;

/// <summary>Describes what went wrong with a connection: the broker, the cause, and what to do.</summary>
internal static class ConnectionFailure
{
    public static MqttBridgeException Of(MqttBrokerOptions broker, Exception e) => e switch
    {
        MqttBridgeException known => known,
        _ when Find<AuthenticationException>(e) is { } tls => new(
            $"TLS with the MQTT broker {broker.Description} failed: {OneLine(tls)}; check CaFile, CertificateFile, KeyFile, and "
            + "that the broker's certificate names the Host.", e),
        _ when Find<SocketException>(e) is { } socket => new(
            $"The MQTT broker {broker.Description} cannot be reached: {OneLine(socket)}; "
            + "check Host and Port, and that the broker runs.", e),
        OperationCanceledException or TimeoutException => new(
            $"The MQTT broker {broker.Description} does not answer; check Host, Port and Tls, and that the broker runs.", e),
        _ => new(
            $"The MQTT broker {broker.Description} ended the connection while it began: {OneLine(e.GetBaseException())}; "
            + "check Port, Tls, Protocol and CertificateFile.", e),
    };

    /// <param name="reason">The broker's own words; null: none.</param>
    public static MqttBridgeException OfRefusal(MqttBrokerOptions broker, MqttClientConnectResultCode code, string? reason)
    {
        var cure = code switch
        {
            MqttClientConnectResultCode.BadUserNameOrPassword or MqttClientConnectResultCode.NotAuthorized =>
                broker.User is null && broker.CertificateFile is null
                    ? "set User and Password"
                    : "check User, Password and CertificateFile",
            MqttClientConnectResultCode.UnsupportedProtocolVersion => "set Protocol to the version that the broker has",
            MqttClientConnectResultCode.ClientIdentifierNotValid => "check ClientIdPrefix",
            _ => "check the broker",
        };
        var who = broker.User is { } user ? $" of the user \"{user}\"" : "";
        return new($"The MQTT broker {broker.Description} refused the connection{who}: {Words(code, reason)}; {cure}.");
    }

    public static MqttBridgeException OfSubscription(MqttBrokerOptions broker, string filter, MqttClientSubscribeResultCode code)
    {
        var cure = code == MqttClientSubscribeResultCode.SharedSubscriptionsNotSupported
            ? "set Sessions to 1"
            : "check the filter, and the permissions of the user";
        return new($"The MQTT broker {broker.Description} refused the subscription \"{filter}\": {Words(code, null)}; {cure}.");
    }

    public static MqttBridgeException OfPublication(MqttBrokerOptions broker, string topic, MqttClientPublishReasonCode code) => new(
        $"The MQTT broker {broker.Description} refused a message to \"{topic}\": {Words(code, null)}; check the permissions of the user.");

    public static string OfEnd(MqttBrokerOptions broker, string clientId, MqttClientDisconnectedEventArgs ended) => ended.Reason switch
    {
        MqttClientDisconnectReason.SessionTakenOver =>
            $"The MQTT broker {broker.Description} ended the connection: another client took the session \"{clientId}\" over. "
            + "Where that is no silo of this cluster, give one of them another ClientIdPrefix.",
        MqttClientDisconnectReason.NormalDisconnection =>
            $"The MQTT broker {broker.Description} closed the connection of \"{clientId}\". Where the broker runs, another client may have "
            + "taken the session over.",
        var reason => $"The MQTT broker {broker.Description} ended the connection: {Words(reason, ended.ReasonString)}.",
    };

    private static string Words<T>(T code, string? reason)
        where T : struct, Enum => string.IsNullOrEmpty(reason) ? $"{code}" : $"{code}, {reason.ReplaceLineEndings(" ").TrimEnd('.')}";

    private static T? Find<T>(Exception? e)
        where T : Exception => e switch
        {
            null => null,
            T found => found,
            _ => Find<T>(e.InnerException),
        };

    private static string OneLine(Exception e) => e.Message.ReplaceLineEndings(" ").TrimEnd('.');
}
